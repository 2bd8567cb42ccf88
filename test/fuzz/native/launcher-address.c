// What an application binds, as it lies in its memory, and what ListenStream= says: shown within bounds, in
// one word.
#include "../../../native/address.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
        if (!holds)
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct address bound = {0}, parsed;
        char shown[ADDRESS_TEXT_MAX];
        char *text = malloc(size + 1);

        must(text != NULL);
        memcpy(text, data, size);
        text[size] = '\0';
        // As bind(2) has it: no shorter than a family, no longer than any address.
        if (size >= sizeof(sa_family_t) && size <= sizeof(bound.un)) {
                bound.size = (socklen_t) size;
                memcpy(&bound.un, data, size);
                address_format(&bound, shown);
                must(strnlen(shown, sizeof(shown)) < sizeof(shown));
                for (const char *c = shown; *c; c++)
                        must(*c > ' ' && *c <= '~');
                (void) address_is_inet(&bound);
        }
        if (address_parse(text, &parsed) == 0) {
                must(parsed.size <= sizeof(parsed.un));
                address_format(&parsed, shown);
                (void) address_compare(&parsed, &bound);
        }
        free(text);
        return 0;
}
