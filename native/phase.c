// Renders phases: text for people, codes for programs, exit statuses for systemd. Nothing else does.
#include "phase.h"

static const struct {
        const char *text;
        const char *code;
        enum exit_status exit_status;
} phases[PHASE_COUNT] = {
    [PHASE_NONE] = {"start", "restore-failed", EXIT_STATUS_FAILED},
    [PHASE_CLONE] = {"create the namespaces", "namespaces-failed", EXIT_STATUS_NAMESPACES},
    [PHASE_CHANNEL] = {"talk to the init process", "namespaces-failed", EXIT_STATUS_NAMESPACES},
    [PHASE_DESCRIPTORS] = {"arrange the file descriptors", "namespaces-failed", EXIT_STATUS_NAMESPACES},
    [PHASE_PROPAGATION] = {"keep mounts to itself (mount(2))", "namespaces-failed", EXIT_STATUS_NAMESPACES},
    [PHASE_BIND] = {"bind / to /run/grenadine/root/", "namespaces-failed", EXIT_STATUS_NAMESPACES},
    [PHASE_PIVOT] = {"change its root (pivot_root(2))", "namespaces-failed", EXIT_STATUS_NAMESPACES},
    [PHASE_DETACH] = {"detach the old root", "namespaces-failed", EXIT_STATUS_NAMESPACES},
    [PHASE_PROC] = {"mount /proc/", "namespaces-failed", EXIT_STATUS_NAMESPACES},
    [PHASE_PID_FLOOR] = {"write ns_last_pid", "namespaces-failed", EXIT_STATUS_NAMESPACES},
    [PHASE_MEMORY] = {"mount the memory of the snapshot", "restore-failed", EXIT_STATUS_NAMESPACES},
    [PHASE_SEED] = {"hand over a seed", "restore-failed", EXIT_STATUS_NAMESPACES},
    [PHASE_SHELTER] = {"hide the files of the sockets", "namespaces-failed", EXIT_STATUS_NAMESPACES},
    [PHASE_FILES] = {"open a file with the rights of its user", "file-refused", EXIT_STATUS_FAILED},
    [PHASE_CRIU] = {"restore with criu", "restore-failed", EXIT_STATUS_FAILED},
    [PHASE_DEADLINE] = {"restore in time", "restore-timeout", EXIT_STATUS_FAILED},
    [PHASE_SESSION] = {"create a session", "restore-failed", EXIT_STATUS_SESSION},
    [PHASE_STDIO] = {"open the standard streams", "restore-failed", EXIT_STATUS_STDIO},
    [PHASE_FILTER] = {"install the filter", "restore-failed", EXIT_STATUS_FILTER},
    [PHASE_GROUP] = {"change the group", "restore-failed", EXIT_STATUS_GROUP},
    [PHASE_USER] = {"change the user", "restore-failed", EXIT_STATUS_USER},
    [PHASE_DIRECTORY] = {"change to the working directory", "restore-failed", EXIT_STATUS_DIRECTORY},
    [PHASE_ENVIRONMENT] = {"set the environment", "restore-failed", EXIT_STATUS_MEMORY},
    [PHASE_EXEC] = {"execute the command", "restore-failed", EXIT_STATUS_EXEC},
};

const char *phase_text(enum phase phase)
{
        return phases[phase < PHASE_COUNT ? phase : PHASE_NONE].text;
}

const char *phase_code(enum phase phase)
{
        return phases[phase < PHASE_COUNT ? phase : PHASE_NONE].code;
}

enum exit_status phase_exit_status(enum phase phase)
{
        return phases[phase < PHASE_COUNT ? phase : PHASE_NONE].exit_status;
}
