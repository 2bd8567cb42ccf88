// In place of libnftables.so.1 in a criu that restores: all that criu 4.2 imports of it, to lock the
// network, which we never ask for, and to find out what the kernel can do, which it then reads in
// /run/criu.kdat.
#include "uncalled.h"

UNCALLED(nft_ctx_buffer_error)
UNCALLED(nft_ctx_buffer_output)
UNCALLED(nft_ctx_free)
UNCALLED(nft_ctx_get_error_buffer)
UNCALLED(nft_ctx_new)
UNCALLED(nft_ctx_set_error)
UNCALLED(nft_ctx_set_output)
UNCALLED(nft_run_cmd_from_buffer)
