// Every exit status of grenadine-launch that is its own and not the application's.
// Numbers from 200 up are those of systemd.exec(5), so that `systemctl status` names them.
#pragma once

enum exit_status {
        EXIT_STATUS_OK = 0,
        EXIT_STATUS_FAILED = 1,
        EXIT_STATUS_USAGE = 2,
        EXIT_STATUS_DIRECTORY = 200,
        EXIT_STATUS_LISTENERS = 202,
        EXIT_STATUS_EXEC = 203,
        EXIT_STATUS_MEMORY = 204,
        EXIT_STATUS_STDIO = 209,
        EXIT_STATUS_GROUP = 216,
        EXIT_STATUS_USER = 217,
        EXIT_STATUS_SESSION = 220,
        EXIT_STATUS_NAMESPACES = 226,
        EXIT_STATUS_FILTER = 228,
};
