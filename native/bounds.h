// Sizes that the launcher is built for; what is larger is refused, never cut.
#pragma once

#define APPLICATION_NAME_MAX 64
#define CONFIGURATION_LENGTH 16
#define SOCKETS_LENGTH 16
#define SNAPSHOT_ID_LENGTH 12
#define LISTENERS_MAX 32
#define LADDER_MAX 8
#define PLAN_SIZE_MAX 65536
#define PLAN_OPTIONS_MAX 256
#define PLAN_SIGNALS_MAX 16
#define PLAN_HOOKS_MAX 16
#define HOOK_MAX 1000
#define PLAN_USERS_MAX 8
#define PLAN_GROUPS_MAX 64
#define PLAN_FILES_MAX 512
#define PLAN_PATHS_SIZE_MAX 32768
#define OPTION_VALUE_MAX 64
#define DETAIL_MAX 512
