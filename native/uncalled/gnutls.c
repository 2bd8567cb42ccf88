// In place of libgnutls.so.30 in a criu that restores: all that criu 4.2 imports of it, for its page server.
// The library brings seven others along, and each of the processes that criu makes has all of them in its
// memory at first.
#include "uncalled.h"

__attribute__((visibility("default"))) extern void (*gnutls_free)(void *);
void (*gnutls_free)(void *) = free;

UNCALLED(gnutls_bye)
UNCALLED(gnutls_certificate_allocate_credentials)
UNCALLED(gnutls_certificate_free_credentials)
UNCALLED(gnutls_certificate_send_x509_rdn_sequence)
UNCALLED(gnutls_certificate_server_set_request)
UNCALLED(gnutls_certificate_set_x509_crl_file)
UNCALLED(gnutls_certificate_set_x509_key_file)
UNCALLED(gnutls_certificate_set_x509_system_trust)
UNCALLED(gnutls_certificate_set_x509_trust_file)
UNCALLED(gnutls_certificate_type_get)
UNCALLED(gnutls_certificate_verification_status_print)
UNCALLED(gnutls_certificate_verify_peers3)
UNCALLED(gnutls_credentials_set)
UNCALLED(gnutls_deinit)
UNCALLED(gnutls_error_is_fatal)
UNCALLED(gnutls_handshake)
UNCALLED(gnutls_init)
UNCALLED(gnutls_packet_deinit)
UNCALLED(gnutls_packet_get)
UNCALLED(gnutls_record_check_pending)
UNCALLED(gnutls_record_recv)
UNCALLED(gnutls_record_recv_packet)
UNCALLED(gnutls_record_send)
UNCALLED(gnutls_set_default_priority)
UNCALLED(gnutls_strerror)
UNCALLED(gnutls_transport_set_ptr)
UNCALLED(gnutls_transport_set_pull_function)
UNCALLED(gnutls_transport_set_push_function)
