/*
 * Tells what each of the C library's generators gives at this moment, and one of its own: ChaCha20 in memory, keyed once
 * from the kernel, as those of many languages' libraries are. It is told of restores as grenadine-recipes(7)
 * shows.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FIRST_PASSED_FD = 3, BYTES = 16, ROUNDS = 20 };

static uint32_t rotate(uint32_t word, int bits)
{
        return word << bits | word >> (32 - bits);
}

static void quarter(uint32_t *w, int a, int b, int c, int d)
{
        w[a] += w[b], w[d] = rotate(w[d] ^ w[a], 16);
        w[c] += w[d], w[b] = rotate(w[b] ^ w[c], 12);
        w[a] += w[b], w[d] = rotate(w[d] ^ w[a], 8);
        w[c] += w[d], w[b] = rotate(w[b] ^ w[c], 7);
}

/* RFC 8439: constants, key, counter, nonce. */
static uint32_t state[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};

static void draw_chacha(unsigned char *to)
{
        uint32_t work[16];

        memcpy(work, state, sizeof work);
        for (int round = 0; round < ROUNDS; round += 2) {
                for (int i = 0; i < 4; i++)
                        quarter(work, i, 4 + i, 8 + i, 12 + i);
                for (int i = 0; i < 4; i++)
                        quarter(work, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4);
        }
        for (int i = 0; i < 16; i++)
                work[i] += state[i];
        memcpy(to, work, BYTES);
        state[12]++;
}

static const char *hex(const unsigned char *bytes)
{
        static char text[2 * BYTES + 1];

        for (int i = 0; i < BYTES; i++)
                sprintf(text + 2 * i, "%02x", bytes[i]);
        return text;
}

static int answer(int connection)
{
        unsigned char bytes[BYTES];
        char request[4096], body[512], head[128];
        int n = 0;

        if (read(connection, request, sizeof request) <= 0 || getrandom(bytes, BYTES, 0) != BYTES)
                return -1;
        n += sprintf(body + n, "{\"getrandom\": \"%s\"", hex(bytes));
        arc4random_buf(bytes, BYTES);
        n += sprintf(body + n, ", \"arc4random\": \"%s\"", hex(bytes));
        n += sprintf(body + n, ", \"random\": \"%lx\"", random());
        draw_chacha(bytes);
        n += sprintf(body + n, ", \"ChaCha20 of its own\": \"%s\"}", hex(bytes));
        sprintf(head, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n", n);
        return write(connection, head, strlen(head)) < 0 || write(connection, body, n) < 0 ? -1 : 0;
}

static int seed_generators(void)
{
        unsigned int seed;

        if (getrandom(&state[4], 8 * sizeof state[0], 0) < 0 || getrandom(&seed, sizeof seed, 0) < 0)
                return -1;
        srandom(seed);
        return 0;
}

static volatile sig_atomic_t is_restored = 1;

static void on_restore(int signal)
{
        (void) signal;
        is_restored = 1;
}

int main(void)
{
        if (getenv("GRENADINE_SEED") && signal(SIGUSR2, on_restore) == SIG_ERR)
                return 1;
        for (;;) {
                int connection = accept(FIRST_PASSED_FD, NULL, NULL);

                if (is_restored) {
                        is_restored = 0;
                        if (seed_generators() < 0)
                                return 1;
                }
                if (connection < 0 || answer(connection) < 0)
                        return 1;
                close(connection);
        }
}
