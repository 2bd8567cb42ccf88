// Looks up users and groups through NSS, and changes to them. Runs in the child that becomes the
// application.
#include "credentials.h"

#include "capabilities.h"
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Returns the number that a text of digits alone stands for, or -EINVAL. (uid_t) -1 means "unchanged" to
// setresuid(2).
static int parse_id(const char *text, unsigned *ret)
{
        char *end;
        unsigned long number;

        if (text[strspn(text, "0123456789")] != '\0' || *text == '\0')
                return -EINVAL;
        errno = 0;
        number = strtoul(text, &end, 10);
        if (errno != 0 || *end || number >= (unsigned) -1)
                return -EINVAL;
        *ret = (unsigned) number;
        return 0;
}

static int find_user(const char *user, struct account *ret)
{
        const struct passwd *entry;
        unsigned number;

        errno = 0;
        entry = parse_id(user, &number) == 0 ? getpwuid(number) : getpwnam(user);
        if (!entry)
                return errno > 0 && errno != ENOENT ? -errno : -ESRCH;
        ret->uid = entry->pw_uid;
        ret->gid = entry->pw_gid;
        ret->name = strdup(entry->pw_name);
        ret->home = strdup(entry->pw_dir);
        ret->shell = strdup(*entry->pw_shell ? entry->pw_shell : "/bin/sh");
        return ret->name && ret->home && ret->shell ? 0 : -ENOMEM;
}

static int find_group(const char *group, gid_t *ret)
{
        const struct group *entry;
        unsigned number;

        if (parse_id(group, &number) == 0) {
                *ret = number;
                return 0;
        }
        errno = 0;
        entry = getgrnam(group);
        if (!entry)
                return errno > 0 && errno != ENOENT ? -errno : -ESRCH;
        *ret = entry->gr_gid;
        return 0;
}

int account_find(const char *user, const char *group, struct account *ret, enum phase *ret_phase)
{
        int r;

        *ret_phase = PHASE_USER;
        r = find_user(user ? user : "root", ret);
        if (r < 0)
                return r;
        *ret_phase = PHASE_GROUP;
        return group ? find_group(group, &ret->gid) : 0;
}

// credentials(7): the group first, while CAP_SETGID is there; setresuid(2) away from root drops every other
// capability. All three IDs, so that there is no way back.
static int change_ids(uid_t uid, gid_t gid, enum phase *ret_phase)
{
        int r;

        *ret_phase = PHASE_GROUP;
        if (setresgid(gid, gid, gid) < 0)
                return -errno;
        *ret_phase = PHASE_USER;
        // That is nothing that this user has. It is not empty where who started systemd did not empty it, a
        // container's manager for one.
        r = uid == 0 ? 0 : capabilities_drop_inheritable();
        if (r < 0)
                return r;
        return setresuid(uid, uid, uid) < 0 ? -errno : 0;
}

int account_become(const struct account *account, enum phase *ret_phase)
{
        *ret_phase = PHASE_GROUP;
        if (initgroups(account->name, account->gid) < 0)
                return -errno;
        return change_ids(account->uid, account->gid, ret_phase);
}

int identity_become(const struct identity *identity, enum phase *ret_phase)
{
        *ret_phase = PHASE_GROUP;
        if (setgroups(identity->n_groups, identity->groups) < 0)
                return -errno;
        return change_ids(identity->uid, identity->gid, ret_phase);
}
