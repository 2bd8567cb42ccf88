// A line of the control socket: what is taken points into the line, and a command's words are decoded within
// it.
#include "../../../native/request.h"

// For the words of a command, which are no other file's to see.
#include "../../../native/hook-command.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
        if (!holds)
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char *words[WORDS_MAX + 1] = {0};
        struct request request;
        char *line = malloc(size + 1);

        must(line != NULL);
        memcpy(line, data, size);
        line[size] = '\0';
        if (request_parse(line, &request) == 0) {
                const char *const texts[] = {request.directory, request.ghost_limit, request.configuration,
                                             request.sockets, request.command};
                for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
                        must(!texts[i] || (texts[i] >= line && texts[i] <= line + size));
                if (request.kind == REQUEST_KILL || request.kind == REQUEST_SWITCH)
                        must(request.signal >= 1 && request.signal <= SIGRTMAX);
                if (request.kind == REQUEST_RUN) {
                        split(line + (request.command - line), words);
                        for (size_t i = 0; words[i]; i++)
                                must(i < WORDS_MAX && words[i] + strlen(words[i]) <= line + size);
                }
        }
        free(line);
        return 0;
}
