// The generator that the provider offers.
#pragma once

#include <openssl/core.h>

// For OSSL_OP_RAND.
extern const OSSL_DISPATCH kernel_rand_functions[];
