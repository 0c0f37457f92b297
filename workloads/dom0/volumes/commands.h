/* SPDX-License-Identifier: GPL-2.0-only */
/* commands.h - xl's commands on volumes; each returns xl's exit status */
#ifndef XENOLITH_VOLUMES_COMMANDS_H
#define XENOLITH_VOLUMES_COMMANDS_H

int command_volume_init(int count, char **words);
int command_volume_create(int count, char **words);
int command_volume_list(int count, char **words);
int command_volume_remove(int count, char **words);

#endif
