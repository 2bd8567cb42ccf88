// The seccomp filter of a cold boot.
#pragma once

// From here on io_uring_setup(2) fails with ENOSYS, in this process and its descendants. Needs
// CAP_SYS_ADMIN.
int filter_install(void);
