/*
 * contacts: see the header.
 *
 * The file may come later than its reader, or be put back from a backup: it
 * is looked at by each question.
 */
#include "backend/store/contacts.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "backend/store/schema.h"
#include "backend/store/statements.h"

enum contacts_statement { BY_REGISTRATION, BY_PLATE, CONTACTS_STATEMENTS };

static const char *const contacts_sql[CONTACTS_STATEMENTS] = {
	[BY_REGISTRATION] = "SELECT mail, first_name, language"
			    " FROM registration WHERE id = ?",
	/* Approved or suspended. */
	[BY_PLATE] = "SELECT r.mail, r.first_name, r.language"
		     " FROM member AS m JOIN registration AS r"
		     " ON r.id = m.registration"
		     " WHERE m.plate = ? AND m.state IN (1, 3)",
};

struct contacts {
	char path[PATH_MAX];
	struct store *store; /* NULL: not open */
	dev_t device;
	ino_t inode;
	struct statement *statements[CONTACTS_STATEMENTS];
};

struct contacts *
contacts_open(const char *folder)
{
	struct contacts *contacts = calloc(1, sizeof(*contacts));

	if (contacts == NULL)
		return NULL;
	snprintf(contacts->path, sizeof(contacts->path), "%s/%s.db", folder,
	    schema_members.name);
	return contacts;
}

static void
close_file(struct contacts *contacts)
{
	int saved = errno;

	store_close(contacts->store);
	contacts->store = NULL;
	errno = saved;
}

void
contacts_close(struct contacts *contacts)
{
	if (contacts == NULL)
		return;
	close_file(contacts);
	free(contacts);
}

/* 1: it is open; 0: it is not there yet; -1: errno. */
static int
look(struct contacts *contacts)
{
	struct stat st;
	char why[256];

	if (stat(contacts->path, &st) == -1) {
		close_file(contacts);
		return errno == ENOENT ? 0 : -1;
	}
	if (contacts->store != NULL && st.st_dev == contacts->device &&
	    st.st_ino == contacts->inode)
		return 1;
	close_file(contacts);
	contacts->store = store_open_reader(
	    contacts->path, &schema_members, why, sizeof(why));
	if (contacts->store == NULL)
		return errno == ENOENT ? 0 : -1;
	contacts->device = st.st_dev;
	contacts->inode = st.st_ino;
	if (statements_prepare(contacts->store, contacts_sql,
		CONTACTS_STATEMENTS, contacts->statements) == 0)
		return 1;
	close_file(contacts);
	return -1;
}

static int
find(struct contacts *contacts, enum contacts_statement which,
    const char *value, struct contact *contact)
{
	struct statement *s;
	int rc = look(contacts);

	if (rc != 1)
		return rc;
	s = contacts->statements[which];
	if (statement_bind(s, "s", value) == -1)
		return -1;
	rc = statement_step(s);
	if (rc == 1) {
		snprintf(contact->mail, sizeof(contact->mail), "%s",
		    statement_text(s, 0));
		snprintf(contact->first_name, sizeof(contact->first_name), "%s",
		    statement_text(s, 1));
		snprintf(contact->language, sizeof(contact->language), "%s",
		    statement_text(s, 2));
	}
	statement_reset(s);
	/* A registration may be refused because of its mail. */
	if (rc == 1 && !mail_is_valid(contact->mail, strlen(contact->mail)))
		return 0;
	return rc;
}

int
contacts_of_registration(
    struct contacts *contacts, const char *id, struct contact *contact)
{
	return find(contacts, BY_REGISTRATION, id, contact);
}

int
contacts_of_plate(
    struct contacts *contacts, const char *plate, struct contact *contact)
{
	return find(contacts, BY_PLATE, plate, contact);
}
