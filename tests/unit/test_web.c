/*
 * Files for browsers: those of the folder, and nothing beside it.
 */
#include "api_trial.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/api/web.h"

struct site {
	char dir[40]; /* holds root/ and what is not to be seen */
	struct web *web;
};

/* At seconds since 1970. */
static void
write_file(
    const struct site *s, const char *path, const char *text, time_t changed)
{
	const struct timespec times[] = { { changed, 0 }, { changed, 0 } };
	char full[200];
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", s->dir, path);
	f = fopen(full, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(utimensat(AT_FDCWD, full, times, 0), 0);
}

static void
make_folder(const struct site *s, const char *path)
{
	char full[200];

	snprintf(full, sizeof(full), "%s/%s", s->dir, path);
	assert_int_equal(mkdir(full, 0700), 0);
}

static void
make_link(const struct site *s, const char *to, const char *path)
{
	char full[200];

	snprintf(full, sizeof(full), "%s/%s", s->dir, path);
	assert_int_equal(symlink(to, full), 0);
}

static int
setup(void **state)
{
	struct site *s = calloc(1, sizeof(*s));
	char root[60], why[200];

	assert_non_null(s);
	strcpy(s->dir, "/tmp/pregon-web-XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	write_file(s, "secret", "secret", 1);
	make_folder(s, "root");
	make_folder(s, "root/js");
	make_folder(s, "root/.git");
	write_file(s, "root/index.html", "<p>hola", 1000);
	write_file(s, "root/js/app.js", "plain", 1000);
	write_file(s, "root/js/app.js.gz", "packed", 1000);
	write_file(s, "root/old.css", "newer", 2000);
	write_file(s, "root/old.css.gz", "older", 1999);
	write_file(s, "root/.hidden", "secret", 1);
	write_file(s, "root/.git/config", "secret", 1);
	make_link(s, "../secret", "root/link.txt");
	make_link(s, "..", "root/up");
	snprintf(root, sizeof(root), "%s/root", s->dir);
	s->web = web_open(root, why, sizeof(why));
	assert_non_null(s->web);
	*state = s;
	return 0;
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static int
teardown(void **state)
{
	struct site *s = *state;

	web_close(s->web);
	nftw(s->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(s);
	return 0;
}

static void
shows(struct site *s, const char *path, bool gzip, const char *text,
    const char *type)
{
	struct web_file file;
	char got[40] = "";

	assert_int_equal(web_find(s->web, path, gzip, &file), 0);
	assert_int_equal(read(file.fd, got, sizeof(got) - 1), strlen(text));
	assert_string_equal(got, text);
	assert_int_equal(file.size, strlen(text));
	assert_string_equal(file.type, type);
	close(file.fd);
}

static void
a_file_is_shown_with_its_type(void **state)
{
	struct site *s = *state;

	shows(s, "/", false, "<p>hola", "text/html; charset=utf-8");
	shows(s, "/index.html", true, "<p>hola", "text/html; charset=utf-8");
	shows(
	    s, "/js/app.js", false, "plain", "text/javascript; charset=utf-8");
	shows(
	    s, "/js/app.js", true, "packed", "text/javascript; charset=utf-8");
	shows(s, "/js/app.js.gz", false, "packed", "application/octet-stream");
	/* Packed before it was changed. */
	shows(s, "/old.css", true, "newer", "text/css; charset=utf-8");
}

static void
no_path_leads_out(void **state)
{
	static const char *const paths[] = { "", "index.html", "/secret",
		"/../secret", "/js/../../secret", "/js/../index.html", "/..",
		"/../root/index.html", "/./index.html", "/.", "/.hidden",
		"/.git/config", "/link.txt", "/up/secret", "/up/", "//",
		"//index.html", "/js", "/js/", "/js//app.js", "/index.html/",
		"/index.html/x", "/nothing", "/js/nothing", "/..\\secret",
		"/%2e%2e/secret", "/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a" };
	struct site *s = *state;
	struct web_file file;
	char longest[600];

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (web_find(s->web, paths[i], true, &file) == 0)
			fail_msg("%s", paths[i]);
		assert_true(
		    errno == ENOENT || errno == ELOOP || errno == ENOTDIR);
	}
	memset(longest, 'a', sizeof(longest) - 1);
	longest[0] = '/';
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(web_find(s->web, longest, true, &file), -1);
}

static void
a_path_that_is_no_file_keeps_nobody_waiting(void **state)
{
	struct site *s = *state;
	struct web_file file;
	char full[60];

	snprintf(full, sizeof(full), "%s/root/pipe", s->dir);
	assert_int_equal(mkfifo(full, 0600), 0);
	assert_int_equal(web_find(s->web, "/pipe", false, &file), -1);
	assert_int_equal(errno, ENOENT);
}

static void
etag_of(struct site *s, const char *path, bool gzip, char etag[64])
{
	struct web_file file;

	assert_int_equal(web_find(s->web, path, gzip, &file), 0);
	strcpy(etag, file.etag);
	close(file.fd);
}

static void
its_tag_changes_with_it(void **state)
{
	struct site *s = *state;
	char plain[64], packed[64], after[64];

	etag_of(s, "/js/app.js", false, plain);
	etag_of(s, "/js/app.js", true, packed);
	assert_string_not_equal(plain, packed);
	etag_of(s, "/js/app.js", false, after);
	assert_string_equal(plain, after);
	write_file(s, "root/js/app.js", "other", 1001);
	etag_of(s, "/js/app.js", false, after);
	assert_string_not_equal(plain, after);
}

static void
gzip_is_for_those_who_take_it(void **state)
{
	(void)state;
	assert_true(web_takes_gzip("gzip"));
	assert_true(web_takes_gzip("gzip, deflate, br"));
	assert_true(web_takes_gzip("br;q=1.0, GZIP;q=0.8"));
	assert_true(web_takes_gzip("*"));
	assert_false(web_takes_gzip(NULL));
	assert_false(web_takes_gzip(""));
	assert_false(web_takes_gzip("identity"));
	assert_false(web_takes_gzip("gzip;q=0"));
	assert_false(web_takes_gzip("br, gzip; q=0.0"));
	assert_false(web_takes_gzip("x-gzipped, gzi"));
}

static bool
kept_forever(struct site *s, const char *path)
{
	struct web_file file;

	assert_int_equal(web_find(s->web, path, false, &file), 0);
	close(file.fd);
	return file.forever;
}

static void
what_is_named_by_its_hash_is_kept_forever(void **state)
{
	struct site *s = *state;

	make_folder(s, "root/assets");
	make_folder(s, "root/assets/views");
	write_file(s, "root/assets/main-7DKQ2LXM.js", "x", 1);
	write_file(s, "root/assets/main-7DKQ2LXM.js.map", "x", 1);
	write_file(s, "root/assets/views/map-ABCDEFGH.css", "x", 1);
	write_file(s, "root/assets/main.js", "x", 1);
	write_file(s, "root/assets/main-7DKQ2LX.js", "x", 1);
	write_file(s, "root/assets/main-7DKQ2LX1.js", "x", 1);
	write_file(s, "root/assets/7DKQ2LXM.js", "x", 1);
	write_file(s, "root/assets/a", "x", 1);
	write_file(s, "root/js/main-7DKQ2LXM.js", "x", 1);
	assert_true(kept_forever(s, "/assets/main-7DKQ2LXM.js"));
	assert_true(kept_forever(s, "/assets/main-7DKQ2LXM.js.map"));
	assert_true(kept_forever(s, "/assets/views/map-ABCDEFGH.css"));
	assert_false(kept_forever(s, "/assets/main.js"));
	assert_false(kept_forever(s, "/assets/main-7DKQ2LX.js"));
	assert_false(kept_forever(s, "/assets/main-7DKQ2LX1.js"));
	assert_false(kept_forever(s, "/assets/7DKQ2LXM.js"));
	assert_false(kept_forever(s, "/assets/a"));
	assert_false(kept_forever(s, "/js/main-7DKQ2LXM.js"));
	assert_false(kept_forever(s, "/"));
}

static void
a_folder_that_is_not_there_is_said(void **state)
{
	char why[200];

	(void)state;
	assert_null(web_open("/none/at/all", why, sizeof(why)));
	assert_non_null(strstr(why, "/none/at/all"));
	assert_null(web_open("/etc/passwd", why, sizeof(why)));
}

static void
the_api_comes_before_it_and_others_need_no_token(void **state)
{
	struct site *s = *state;
	void *trial;
	struct trial *t;

	assert_int_equal(trial_setup(&trial), 0);
	t = trial;
	trial_begin(t, "GET", "/", NULL, NULL, "");
	assert_int_equal(t->answer.status, 404);
	t->api.web = s->web;
	trial_begin(t, "GET", "/", NULL, NULL, "");
	assert_int_equal(t->answer.status, 200);
	assert_true(t->call.has_file);
	trial_begin(t, "GET", "/secret", NULL, NULL, "");
	assert_int_equal(t->answer.status, 404);
	assert_false(t->call.has_file);
	trial_begin(t, "GET", "/api/v1/nothing", NULL, NULL, "");
	assert_int_equal(t->answer.status, 404);
	trial_begin(t, "GET", "/api/v1/carts", NULL, NULL, "");
	assert_int_equal(t->answer.status, 401);
	trial_begin(t, "POST", "/index.html", NULL, NULL, "");
	assert_int_equal(t->answer.status, 404);
	assert_int_equal(trial_teardown(&trial), 0);
}

#define SITE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SITE(a_file_is_shown_with_its_type),
		SITE(no_path_leads_out),
		SITE(a_path_that_is_no_file_keeps_nobody_waiting),
		SITE(its_tag_changes_with_it),
		SITE(gzip_is_for_those_who_take_it),
		SITE(what_is_named_by_its_hash_is_kept_forever),
		SITE(a_folder_that_is_not_there_is_said),
		SITE(the_api_comes_before_it_and_others_need_no_token),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
