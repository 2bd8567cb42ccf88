// Keeps the files of systemd's UNIX sockets from an application that takes them for its own: that removes
// one before it binds, or when it ends, or looks whether somebody listens there.
#pragma once

#include "credentials.h"
#include "filter.h"
#include "listeners.h"

// Inside the namespaces: shows a file, NULL for itself, in the place of a socket. What is none is left
// alone.
int shelter_cover(const char *path, const char *with);

// Inside the namespaces, before the application boots: the sockets are not to be met at all. In their places
// are files of this account.
int shelter_hide(const struct listeners *listeners, const struct options *options,
                 const struct account *account);

// Inside the namespaces: the files are there, and nobody in here can remove them.
int shelter_pin(const struct listeners *listeners, const struct options *options);

// Is it the file of a listener that is to be removed? It stays, and the application may think that it went.
bool shelter_has(const struct question *asked, const struct listeners *listeners,
                 const struct options *options);
