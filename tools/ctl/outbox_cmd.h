/*
 * outbox_cmd: the two halves of pregonctl outbox.
 */
#ifndef PREGON_CTL_OUTBOX_CMD_H
#define PREGON_CTL_OUTBOX_CMD_H

#include "tools/ctl/ctl.h"

/* ctl->words[1] is the file. */
enum ctl_status ctl_outbox_list(struct ctl *);
enum ctl_status ctl_outbox_import(struct ctl *);

#endif
