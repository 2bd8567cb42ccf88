// Addresses of sockets: those of ListenStream=, and those that an application binds.
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

struct address {
        union {
                struct sockaddr any;
                struct sockaddr_in in;
                struct sockaddr_in6 in6;
                struct sockaddr_un un;
        };
        socklen_t size;
};

enum { ADDRESS_TEXT_MAX = 512 };

// As ListenStream= has it: 127.0.0.1:80, [::1]:80, /path or @name; "-" if there is none. Blanks, percent
// signs, commas and what is not ASCII are written %XX: addresses stand in lines of words.
void address_format(const struct address *address, char ret[static ADDRESS_TEXT_MAX]);

// Where a socket is bound; 0 or -errno.
int address_of_socket(int socket, struct address *ret);

// What ListenStream= means to systemd.socket(5): a bare port is that of every address, by IPv6. Returns 0 or
// -EINVAL.
int address_parse(const char *text, struct address *ret);

// Of either family, and complete.
bool address_is_inet(const struct address *address);

enum address_match {
        ADDRESS_OTHER,
        ADDRESS_PORT, // the same port, and one of both is that of every address
        ADDRESS_SAME, // however it is written: ::ffff:127.0.0.1 is 127.0.0.1
};

enum address_match address_compare(const struct address *one, const struct address *other);
