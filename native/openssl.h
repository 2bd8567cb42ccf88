// Has the application's OpenSSL take its random numbers from the kernel, so that two restores do not repeat
// any.
#pragma once

#include <stdbool.h>

// In the child that becomes the application, with its credentials and in its directory: $OPENSSL_CONF. Says
// on the application's standard error where a configuration has to stay as it is. Returns 0 or -errno.
int openssl_set_environment(void);

// Whether such an application's OpenSSL would have to keep the generator that it has.
bool openssl_is_kept(void);
