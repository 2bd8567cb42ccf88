// Reads the command line. Knows the names and shapes of options, nothing of what they are used for.
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum option_code {
        OPTION_APPLICATION = 256,
        OPTION_CONFIGURATION,
        OPTION_BAKE,
        OPTION_RELOAD,
        OPTION_ADOPT,
        OPTION_NO_PASS,
        OPTION_PRESETS,
        OPTION_SEED,
        OPTION_SOCKETS,
        OPTION_USER,
        OPTION_GROUP,
        OPTION_DIRECTORY,
        OPTION_LISTENER,
};

static const struct option long_options[] = {
    {"app", required_argument, NULL, OPTION_APPLICATION},
    {"configuration", required_argument, NULL, OPTION_CONFIGURATION},
    {"bake", no_argument, NULL, OPTION_BAKE},
    {"reload", no_argument, NULL, OPTION_RELOAD},
    {"adopt", no_argument, NULL, OPTION_ADOPT},
    {"no-pass", no_argument, NULL, OPTION_NO_PASS},
    {"presets", no_argument, NULL, OPTION_PRESETS},
    {"seed", no_argument, NULL, OPTION_SEED},
    {"sockets", required_argument, NULL, OPTION_SOCKETS},
    {"user", required_argument, NULL, OPTION_USER},
    {"group", required_argument, NULL, OPTION_GROUP},
    {"directory", required_argument, NULL, OPTION_DIRECTORY},
    {"listener", required_argument, NULL, OPTION_LISTENER},
    {0},
};

bool application_name_is_valid(const char *name, size_t length)
{
        static const char suffix[] = "-bake";

        if (length == 0 || length > APPLICATION_NAME_MAX || *name == '-' || *name == '_')
                return false;
        for (size_t i = 0; i < length; i++) {
                char c = name[i];
                if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
                        return false;
        }
        return length < sizeof(suffix) - 1 ||
               memcmp(name + length - (sizeof(suffix) - 1), suffix, sizeof(suffix) - 1) != 0;
}

bool hex_is_valid(const char *text, size_t length, size_t expected)
{
        if (length != expected)
                return false;
        for (size_t i = 0; i < length; i++)
                if (!((text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f')))
                        return false;
        return true;
}

static const char *complaint_about(const struct options *options)
{
        if (!options->application)
                return "--app= is required";
        if (!application_name_is_valid(options->application, strlen(options->application)))
                return "--app= is not the name of an application";
        if (!options->configuration)
                return "--configuration= is required";
        if (!hex_is_valid(options->configuration, strlen(options->configuration), CONFIGURATION_LENGTH))
                return "--configuration= is not 16 hexadecimal digits";
        if (!options->sockets)
                return "--sockets= is required";
        if (!hex_is_valid(options->sockets, strlen(options->sockets), SOCKETS_LENGTH))
                return "--sockets= is not 16 hexadecimal digits";
        if (options->reload)
                return options->command[0] ? "--reload takes no command" : NULL;
        if (options->directory && *options->directory != '/' && strcmp(options->directory, "~") != 0)
                return "--directory= is neither absolute nor ~";
        if (options->n_addresses > 0 && !options->bake)
                return "--listener= is for --bake alone";
        if (!options->command[0])
                return "the command is missing after --";
        return NULL;
}

int options_parse(int argc, char **argv, struct options *ret, const char **ret_complaint)
{
        struct options options = {0};

        // "+": the first word that is no option ends ours; what follows belongs to the application.
        opterr = 0;
        for (int code; (code = getopt_long(argc, argv, "+", long_options, NULL)) != -1;) {
                switch (code) {
                case OPTION_APPLICATION:
                        options.application = optarg;
                        break;
                case OPTION_CONFIGURATION:
                        options.configuration = optarg;
                        break;
                case OPTION_BAKE:
                        options.bake = true;
                        break;
                case OPTION_RELOAD:
                        options.reload = true;
                        break;
                case OPTION_ADOPT:
                        options.adopt = true;
                        break;
                case OPTION_NO_PASS:
                        options.no_pass = true;
                        break;
                case OPTION_PRESETS:
                        options.presets = true;
                        break;
                case OPTION_SEED:
                        options.seed = true;
                        break;
                case OPTION_SOCKETS:
                        options.sockets = optarg;
                        break;
                case OPTION_USER:
                        options.user = *optarg ? optarg : NULL;
                        break;
                case OPTION_GROUP:
                        options.group = *optarg ? optarg : NULL;
                        break;
                case OPTION_DIRECTORY:
                        options.directory = *optarg ? optarg : NULL;
                        break;
                case OPTION_LISTENER:
                        if (options.n_addresses == LISTENERS_MAX) {
                                *ret_complaint = "too many --listener=";
                                return -EINVAL;
                        }
                        options.addresses[options.n_addresses++] = optarg;
                        break;
                default:
                        *ret_complaint = "an option is unknown or lacks its value";
                        return -EINVAL;
                }
        }
        options.command = argv + optind;

        *ret_complaint = complaint_about(&options);
        if (*ret_complaint)
                return -EINVAL;

        (void) snprintf(options.unit, sizeof(options.unit), "%s%s", options.application,
                        options.bake ? "-bake" : "");
        *ret = options;
        return 0;
}
