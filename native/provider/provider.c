// grenadine-rand.so: a provider of OpenSSL 3, see provider(7), that offers one random generator, and asks
// nothing of the libcrypto that loads it. units/runtimes/openssl/ has libcrypto use it.
#include "kernel-rand.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <string.h>

static const OSSL_PARAM *gettable(void *provider)
{
        static const OSSL_PARAM known[] = {
            OSSL_PARAM_DEFN(OSSL_PROV_PARAM_NAME, OSSL_PARAM_UTF8_PTR, NULL, 0),
            OSSL_PARAM_END,
        };

        (void) provider;
        return known;
}

static int get_parameters(void *provider, OSSL_PARAM params[])
{
        static char name[] = "Grenadine's random generator";

        (void) provider;
        for (OSSL_PARAM *param = params; param && param->key; param++)
                if (strcmp(param->key, OSSL_PROV_PARAM_NAME) == 0 &&
                    param->data_type == OSSL_PARAM_UTF8_PTR) {
                        *(char **) param->data = name;
                        param->return_size = strlen(name);
                }
        return 1;
}

// The name is that of libcrypto's own default, so that it finds that one where this object cannot be loaded.
static const OSSL_ALGORITHM *query(void *provider, int operation, int *no_cache)
{
        static const OSSL_ALGORITHM generators[] = {
            {"CTR-DRBG", "provider=grenadine", kernel_rand_functions, "getrandom(2), each time"},
            {NULL, NULL, NULL, NULL},
        };

        (void) provider;
        *no_cache = 0;
        return operation == OSSL_OP_RAND ? generators : NULL;
}

// The one symbol that libcrypto looks for.
__attribute__((visibility("default"))) OSSL_provider_init_fn OSSL_provider_init;

int OSSL_provider_init(const OSSL_CORE_HANDLE *core, const OSSL_DISPATCH *offered,
                       const OSSL_DISPATCH **ret_calls, void **ret_provider)
{
        static const OSSL_DISPATCH calls[] = {
            {OSSL_FUNC_PROVIDER_GETTABLE_PARAMS, (void (*)(void)) gettable},
            {OSSL_FUNC_PROVIDER_GET_PARAMS, (void (*)(void)) get_parameters},
            {OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void)) query},
            {0, NULL},
        };

        (void) core;
        (void) offered;
        *ret_calls = calls;
        *ret_provider = NULL;
        return 1;
}
