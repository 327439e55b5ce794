/*
 * The format is walked here, because after formatting nobody can tell the
 * format's quotes from a stranger's.
 */
#include "lib/log_format.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct line {
	char *to;
	size_t cap, len;
	bool cut;
};

static void
put(struct line *l, const char *bytes, size_t n)
{
	if (l->cut || n > l->cap - l->len) {
		l->cut = true;
		return;
	}
	memcpy(l->to + l->len, bytes, n);
	l->len += n;
}

static void
put_text(struct line *l, const char *text, size_t max, bool quoted)
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i < max && text[i] != '\0' && !l->cut; i++) {
		unsigned char c = (unsigned char)text[i];
		const char *letter;

		if (c == '\n' || c == '\r' || c == '\t') {
			letter = c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t";
			put(l, letter, 2);
		} else if (c < 0x20 || c == 0x7f) {
			put(l, (char[]){ '\\', 'x', hex[c >> 4], hex[c & 15] },
			    4);
		} else if (quoted && (c == '"' || c == '\\')) {
			put(l, (char[]){ '\\', (char)c }, 2);
		} else {
			put(l, &text[i], 1);
		}
	}
}

/* One "%..." of the format. */
struct directive {
	char spec[32]; /* flags, width and precision as numbers */
	size_t len;
	int precision; /* -1: none */
	char length; /* h, H (hh), l, L (ll), z, j, t; 0: none */
	char conversion;
};

static void
add(struct directive *d, const char *text, size_t n)
{
	if (d->len + n < sizeof(d->spec)) {
		memcpy(d->spec + d->len, text, n);
		d->len += n;
	}
	d->spec[d->len] = '\0';
}

/* A number in the format, or for '*' the next argument; moves *p on. */
static int
take_number(struct directive *d, const char **p, int star)
{
	char text[12];
	int n = 0;

	if (**p == '*') {
		(*p)++;
		n = star;
	} else {
		for (; **p >= '0' && **p <= '9' && n < 100000; (*p)++)
			n = n * 10 + (**p - '0');
	}
	add(d, text, (size_t)snprintf(text, sizeof(text), "%d", n));
	return n;
}

static char
take_length(const char **p)
{
	char c = **p;

	if (c == '\0' || strchr("hlzjt", c) == NULL)
		return 0;
	(*p)++;
	if ((c == 'h' || c == 'l') && **p == c) {
		(*p)++;
		return c == 'h' ? 'H' : 'L';
	}
	return c;
}

static intmax_t
take_signed(char length, va_list *ap)
{
	switch (length) {
	case 'l':
		return va_arg(*ap, long);
	case 'L':
		return va_arg(*ap, long long);
	case 'z':
		return va_arg(*ap, ssize_t);
	case 'j':
		return va_arg(*ap, intmax_t);
	case 't':
		return va_arg(*ap, ptrdiff_t);
	case 'h':
		return (short)va_arg(*ap, int);
	case 'H':
		return (signed char)va_arg(*ap, int);
	default:
		return va_arg(*ap, int);
	}
}

static uintmax_t
take_unsigned(char length, va_list *ap)
{
	switch (length) {
	case 'l':
		return va_arg(*ap, unsigned long);
	case 'L':
		return va_arg(*ap, unsigned long long);
	case 'z':
		return va_arg(*ap, size_t);
	case 'j':
		return va_arg(*ap, uintmax_t);
	case 't':
		return (uintmax_t)va_arg(*ap, ptrdiff_t);
	case 'h':
		return (unsigned short)va_arg(*ap, unsigned);
	case 'H':
		return (unsigned char)va_arg(*ap, unsigned);
	default:
		return va_arg(*ap, unsigned);
	}
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void
put_value(struct line *l, struct directive *d, va_list *ap, bool quoted)
{
	char text[400];
	const char *string;
	int n = 0;

	switch (d->conversion) {
	case 's':
		string = va_arg(*ap, const char *);
		put_text(l, string != NULL ? string : "(null)",
		    d->precision >= 0 ? (size_t)d->precision : SIZE_MAX,
		    quoted);
		return;
	case 'm':
		put_text(l, strerror(errno), SIZE_MAX, quoted);
		return;
	case 'c':
		text[0] = (char)va_arg(*ap, int);
		put_text(l, text, 1, quoted);
		return;
	case 'd':
	case 'i':
		add(d, "jd", 2);
		n = snprintf(
		    text, sizeof(text), d->spec, take_signed(d->length, ap));
		break;
	case 'u':
	case 'x':
	case 'X':
	case 'o':
		add(d, (char[]){ 'j', d->conversion }, 2);
		n = snprintf(
		    text, sizeof(text), d->spec, take_unsigned(d->length, ap));
		break;
	case 'p':
		n = snprintf(text, sizeof(text), "%p", va_arg(*ap, void *));
		break;
	default: /* e, f, g, a */
		add(d, &d->conversion, 1);
		n = snprintf(text, sizeof(text), d->spec, va_arg(*ap, double));
	}
	if (n > 0)
		put(l, text,
		    (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
}
#pragma GCC diagnostic pop

/* After the '%'; moves *p behind the conversion. */
static void
take_directive(struct directive *d, const char **p, va_list *ap)
{
	d->len = 0;
	d->precision = -1;
	add(d, "%", 1);
	for (; **p != '\0' && strchr("-+ #0", **p) != NULL; (*p)++)
		add(d, *p, 1);
	if (**p == '*' || (**p >= '1' && **p <= '9'))
		take_number(d, p, **p == '*' ? va_arg(*ap, int) : 0);
	if (**p == '.') {
		(*p)++;
		add(d, ".", 1);
		d->precision = take_number(
		    d, p, **p == '*' ? va_arg(*ap, int) : 0);
	}
	d->length = take_length(p);
	d->conversion = **p;
	if (**p != '\0')
		(*p)++;
}

size_t
log_format(char *to, size_t cap, bool *cut, const char *fmt, va_list args)
{
	struct line l = { .to = to, .cap = cap };
	struct directive d;
	bool quoted = false;
	va_list ap;

	va_copy(ap, args);
	while (*fmt != '\0' && !l.cut) {
		if (*fmt != '%') {
			quoted ^= *fmt == '"';
			put(&l, fmt++, 1);
			continue;
		}
		fmt++;
		take_directive(&d, &fmt, &ap);
		if (d.conversion == '%')
			put(&l, "%", 1);
		else if (d.conversion != '\0')
			put_value(&l, &d, &ap, quoted);
	}
	va_end(ap);
	*cut = l.cut;
	return l.len;
}
