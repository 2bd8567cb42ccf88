#!/bin/sh
# What systemd runs as the generator: starts the real one, a program of Node, where there may be something to generate.
# Each boot and each daemon-reload waits for it, and Node alone takes a tenth of a second to start.
set -u

# /usr/lib/systemd/system-generators/. Everything is found from here, so that tests run it in a root of their own.
here=${0%/*}
root=$here/../../../..

# As hasApplications() of config/lookup.ts has it: drop-ins alone count, hidden files do not. A pattern that matches
# nothing stays as it is, and names no file; a link that leads nowhere is one, to be reported.
has_applications() {
        for path in "$1"/*.conf "$1"/*.conf.d; do
                if [ -e "$path" ] || [ -L "$path" ]; then
                        return 0
                fi
        done
        return 1
}

# Three directories, as in systemd.generator(7). With anything else it is not systemd who asks.
if [ $# -eq 3 ] && [ "${1#-}" = "$1" ] && [ "${2#-}" = "$2" ]; then
        has_applications "$root/etc/grenadine/apps" ||
                has_applications "$root/run/grenadine/apps" ||
                has_applications "$root/usr/lib/grenadine/apps" ||
                exit 0
fi

exec "$here/../../grenadine/grenadine-generator" "$@"
