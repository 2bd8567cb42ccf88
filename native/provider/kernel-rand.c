// The kernel's generator as an algorithm of OpenSSL 3, see provider-rand(7): every byte that it hands out
// comes from getrandom(2) at that moment. It keeps nothing, so two processes restored from one snapshot have
// nothing in common.
#include "kernel-rand.h"

#include <errno.h>
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { STRENGTH_BITS = 256, MAX_REQUEST = 1 << 20, STATE_READY = 1 };

// What libcrypto holds of an instance. There is nothing in it, but it may not be NULL.
static char the_only_one;

static void *new_context(void *provider, void *parent, const OSSL_DISPATCH *parent_calls)
{
        (void) provider;
        (void) parent;
        (void) parent_calls;
        return &the_only_one;
}

static void free_context(void *context)
{
        (void) context;
}

static int instantiate(void *context, unsigned int strength, int prediction_resistance,
                       const unsigned char *personal, size_t personal_size, const OSSL_PARAM params[])
{
        (void) context;
        (void) prediction_resistance;
        (void) personal;
        (void) personal_size;
        (void) params;
        return strength <= STRENGTH_BITS;
}

static int uninstantiate(void *context)
{
        (void) context;
        return 1;
}

// Not getrandom(3): since 2.41 the C library answers from a generator of its own in the vDSO, whose key
// would be in the snapshot if CRIU did not leave it out.
static int fill(unsigned char *to, size_t size)
{
        while (size > 0) {
                long n = syscall(SYS_getrandom, to, size, 0);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return 0;
                to += n;
                size -= (size_t) n;
        }
        return 1;
}

static int generate(void *context, unsigned char *out, size_t size, unsigned int strength,
                    int prediction_resistance, const unsigned char *more, size_t more_size)
{
        (void) context;
        (void) prediction_resistance;
        (void) more;
        (void) more_size;
        return strength <= STRENGTH_BITS && fill(out, size);
}

// libcrypto insists on it for the generator that all threads share. Here is nothing that a lock would
// protect.
static int enable_locking(void *context)
{
        (void) context;
        return 1;
}

static const OSSL_PARAM *gettable(void *context, void *provider)
{
        static const OSSL_PARAM known[] = {
            OSSL_PARAM_int(OSSL_RAND_PARAM_STATE, NULL),
            OSSL_PARAM_uint(OSSL_RAND_PARAM_STRENGTH, NULL),
            OSSL_PARAM_size_t(OSSL_RAND_PARAM_MAX_REQUEST, NULL),
            OSSL_PARAM_END,
        };

        (void) context;
        (void) provider;
        return known;
}

// Written without libcrypto's OSSL_PARAM_set_int(3) and the like: this object must load beside a libcrypto
// that is linked into the program and shows it no symbol.
static int answer(OSSL_PARAM *param, size_t value)
{
        if (param->data_type != OSSL_PARAM_INTEGER && param->data_type != OSSL_PARAM_UNSIGNED_INTEGER)
                return 0;
        if (param->data_size == sizeof(uint32_t)) {
                uint32_t narrow = (uint32_t) value;

                memcpy(param->data, &narrow, sizeof(narrow));
        } else if (param->data_size == sizeof(uint64_t)) {
                uint64_t wide = value;

                memcpy(param->data, &wide, sizeof(wide));
        } else {
                return 0;
        }
        param->return_size = param->data_size;
        return 1;
}

static int get_parameters(void *context, OSSL_PARAM params[])
{
        (void) context;
        for (OSSL_PARAM *param = params; param && param->key; param++) {
                int ok = 1;

                if (strcmp(param->key, OSSL_RAND_PARAM_MAX_REQUEST) == 0)
                        ok = answer(param, MAX_REQUEST);
                else if (strcmp(param->key, OSSL_RAND_PARAM_STATE) == 0)
                        ok = answer(param, STATE_READY);
                else if (strcmp(param->key, OSSL_RAND_PARAM_STRENGTH) == 0)
                        ok = answer(param, STRENGTH_BITS);
                if (!ok)
                        return 0;
        }
        return 1;
}

const OSSL_DISPATCH kernel_rand_functions[] = {
    {OSSL_FUNC_RAND_NEWCTX, (void (*)(void)) new_context},
    {OSSL_FUNC_RAND_FREECTX, (void (*)(void)) free_context},
    {OSSL_FUNC_RAND_INSTANTIATE, (void (*)(void)) instantiate},
    {OSSL_FUNC_RAND_UNINSTANTIATE, (void (*)(void)) uninstantiate},
    {OSSL_FUNC_RAND_GENERATE, (void (*)(void)) generate},
    {OSSL_FUNC_RAND_ENABLE_LOCKING, (void (*)(void)) enable_locking},
    {OSSL_FUNC_RAND_GETTABLE_CTX_PARAMS, (void (*)(void)) gettable},
    {OSSL_FUNC_RAND_GET_CTX_PARAMS, (void (*)(void)) get_parameters},
    {0, NULL},
};
