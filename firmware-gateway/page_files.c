/*
 * The assembler takes the files in as they are: no generator, no generated
 * source.  Paths are from the top folder, where everything is compiled.
 */
#include "firmware-gateway/page_files.h"

#include <string.h>

#define TAKE_IN(symbol, file)                                                  \
	__asm__(                                                               \
	    ".section .rodata\n"                                               \
	    ".balign 8\n" #symbol "_begin:\n"                                  \
	    ".incbin \"firmware-gateway/page/" file "\"\n" #symbol "_end:\n"   \
	    ".byte 0\n"                                                        \
	    ".previous\n");                                                    \
	extern const char symbol##_begin[], symbol##_end[]

TAKE_IN(page_html, "page.html");
TAKE_IN(page_css, "page.css");
TAKE_IN(page_js, "page.js");
TAKE_IN(page_words, "words.js");
TAKE_IN(page_enrol, "enrol.js");
TAKE_IN(page_icon, "icon.svg");

bool
page_file(const char *path, struct page_file *file)
{
	static const struct {
		const char *path, *type, *begin, *end;
	} files[] = {
		{ "/", "text/html; charset=utf-8", page_html_begin,
		    page_html_end },
		{ "/page.css", "text/css; charset=utf-8", page_css_begin,
		    page_css_end },
		{ "/page.js", "text/javascript; charset=utf-8", page_js_begin,
		    page_js_end },
		{ "/words.js", "text/javascript; charset=utf-8",
		    page_words_begin, page_words_end },
		{ "/enrol.js", "text/javascript; charset=utf-8",
		    page_enrol_begin, page_enrol_end },
		{ "/icon.svg", "image/svg+xml", page_icon_begin,
		    page_icon_end },
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		if (strcmp(path, files[i].path) != 0)
			continue;
		*file = (struct page_file){ files[i].type, files[i].begin,
			(size_t)(files[i].end - files[i].begin) };
		return true;
	}
	return false;
}
