// Puts a configuration of ours over the one that the application's OpenSSL would have, where that bears it.
// Reads the latter only as far as to know that.
#include "openssl.h"

#include "cleanup.h"
#include "paths.h"
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#define DIRECTORY RUNTIMES_DIRECTORY "/openssl"
#define SYSTEM_FILE "/etc/ssl/openssl.cnf"

// The sections that grenadine-rand.cnf adds to.
static bool is_known_section(const char *name)
{
        static const char *const known[] = {"openssl_init", "openssl_def", "default_conf", "nodejs_init"};

        for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
                if (strcmp(name, known[i]) == 0)
                        return true;
        return false;
}

// Why one line of a configuration, without its comment, forbids to add to it; NULL if it does not.
static const char *line_obstacle(const char *line, bool in_default)
{
        char key[32], value[64];

        // What is certified with a generator must keep it.
        if (strcasestr(line, "fips"))
                return "speaks of FIPS";
        if (!in_default)
                return NULL;
        if (strstr(line, ".include"))
                return "begins with what another file says";
        if (sscanf(line, " %31[a-z_] = %63s", key, value) == 2 &&
            (strcmp(key, "openssl_conf") == 0 || strcmp(key, "nodejs_conf") == 0) &&
            !is_known_section(value))
                return "begins with a section of a name that is not known";
        return NULL;
}

// A file that cannot be read is no obstacle, for OpenSSL passes it over, too.
static const char *find_obstacle(const char *path)
{
        FILE *file = fopen(path, "re");
        _cleanup_free_ char *line = NULL;
        const char *obstacle = NULL;
        size_t capacity = 0;
        bool in_default = true;

        if (!file)
                return NULL;
        while (!obstacle && getline(&line, &capacity, file) > 0) {
                line[strcspn(line, "#\n")] = '\0';
                if (line[strspn(line, " \t")] == '[')
                        in_default = false;
                obstacle = line_obstacle(line, in_default);
        }
        (void) fclose(file);
        return obstacle;
}

static bool kernel_wants_fips(void)
{
        FILE *file = fopen("/proc/sys/crypto/fips_enabled", "re");
        int wanted = file ? fgetc(file) : '0';

        if (file)
                (void) fclose(file);
        return wanted == '1';
}

// What stands in the way of ours, and what that does; NULL where nothing does.
static const char *obstacle_here(const char **ret_path)
{
        const char *chosen = getenv("OPENSSL_CONF");

        *ret_path = "/proc/sys/crypto/fips_enabled";
        if (kernel_wants_fips())
                return "asks for FIPS";
        *ret_path = "$OPENSSL_CONF_INCLUDE";
        if (getenv("OPENSSL_CONF_INCLUDE"))
                return "says where includes are";
        *ret_path = chosen ? chosen : SYSTEM_FILE;
        return find_obstacle(*ret_path);
}

static bool is_installed(void)
{
        return access(DIRECTORY "/default.cnf", R_OK) == 0;
}

bool openssl_is_kept(void)
{
        const char *path;

        return !is_installed() || obstacle_here(&path);
}

int openssl_set_environment(void)
{
        const char *chosen = getenv("OPENSSL_CONF");
        const char *path, *obstacle;

        if (!is_installed())
                return 0;
        obstacle = obstacle_here(&path);
        if (obstacle) {
                (void) fprintf(
                    stderr,
                    SD_WARNING
                    "What OpenSSL's generator gives out repeats after each restore: %s %s, ignoring\n",
                    path, obstacle);
                return 0;
        }
        if (chosen && setenv("GRENADINE_OPENSSL_CONF", *chosen ? chosen : "/dev/null", 1) < 0)
                return -errno;
        return setenv("OPENSSL_CONF", chosen ? DIRECTORY "/chosen.cnf" : DIRECTORY "/default.cnf", 1) < 0
                   ? -errno
                   : 0;
}
