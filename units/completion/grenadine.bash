# bash completion for grenadine(1): commands, options, application names and snapshots. Asks the activator for the
# last two, and offers none while it cannot be reached.

__grenadine_values() {
        # Values of one field of a JSON listing, without needing jq: $1 is the field, the rest goes to `grenadine list`.
        local field=$1
        shift
        grenadine list "$@" --json 2>/dev/null | sed -n "s/^ *\"$field\": \"\\{0,1\\}\\([^\",]*\\)\"\\{0,1\\},\\{0,1\\}\$/\\1/p"
}

_grenadine() {
        local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
        local commands='list status why doctor bake dump restore remove prune verify kill daemon'
        local command='' application='' word options=''
        local -i index operands=0
        COMPREPLY=()

        for ((index = 1; index < COMP_CWORD; index++)); do
                word=${COMP_WORDS[index]}
                if [[ $command == daemon && $word == -- ]]; then
                        # From here on it is another command's line.
                        mapfile -t COMPREPLY < <(compgen -A file -- "$cur")
                        return
                fi
                case ${COMP_WORDS[index - 1]} in
                --from | --name | --listen | --user | --directory | --env | --path | -u | -C | -e) continue ;;
                esac
                [[ $word == -* ]] && continue
                if [[ -z $command ]]; then
                        command=$word
                else
                        operands+=1
                        [[ -n $application ]] || application=$word
                fi
        done

        case $prev in
        --from)
                mapfile -t COMPREPLY < <(compgen -W "$(__grenadine_values id "$application")" -- "$cur")
                return
                ;;
        -C | --directory)
                mapfile -t COMPREPLY < <(compgen -A directory -- "$cur")
                return
                ;;
        -u | --user)
                mapfile -t COMPREPLY < <(compgen -A user -- "$cur")
                return
                ;;
        --name | --listen | -e | --env | --path) return ;;
        esac

        case $command in
        status) options='--timings --json' ;;
        list | why) options='--json' ;;
        doctor) options='--uniqueness --path --json' ;;
        remove) options='--from' ;;
        prune) options='--dry-run --json' ;;
        verify) options='--from --json' ;;
        dump) options='--stop' ;;
        restore) options='--from --latest' ;;
        daemon) options='--name --listen --user --directory --env --' ;;
        esac

        if [[ $cur == -* ]]; then
                mapfile -t COMPREPLY < <(compgen -W "$options --help --version" -- "$cur")
        elif [[ -z $command ]]; then
                mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$cur")
        elif [[ $command != daemon && $command != prune && $operands -eq 0 ]]; then
                mapfile -t COMPREPLY < <(compgen -W "$(__grenadine_values name)" -- "$cur")
        elif [[ $command =~ ^(restore|remove|verify)$ && $operands -eq 1 ]]; then
                mapfile -t COMPREPLY < <(compgen -W "$(__grenadine_values number "$application")" -- "$cur")
        elif [[ $command == kill && $operands -eq 1 ]]; then
                mapfile -t COMPREPLY < <(compgen -W 'TERM INT HUP QUIT USR1 USR2 CONT KILL' -- "$cur")
        fi
}

complete -F _grenadine grenadine
