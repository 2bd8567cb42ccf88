# fish completion for grenadine(1): commands, options, application names and snapshots. Asks the activator for the
# last two, and offers none while it cannot be reached.

function __grenadine_values
    # Values of one field of a JSON listing, without needing jq: the field, then what goes to `grenadine list`.
    grenadine list $argv[2..-1] --json 2>/dev/null | string match --regex --groups-only '^ *"'$argv[1]'": "?([^",]*)"?,?$'
end

# The words after the command that are no options.
function __grenadine_operands
    set --local words (commandline --tokenize --current-process --cut-at-cursor)
    string match --invert --regex -- '^-' $words[3..-1]
end

function __grenadine_needs_application
    test (count (__grenadine_operands)) -eq 0
end

function __grenadine_has_application
    test (count (__grenadine_operands)) -eq 1
end

set --local commands list status why doctor bake dump restore remove prune verify kill daemon

complete --command grenadine --no-files
complete --command grenadine --condition "not __fish_seen_subcommand_from $commands" --short-option h --long-option help --description 'Show help'
complete --command grenadine --condition "not __fish_seen_subcommand_from $commands" --long-option version --description 'Show the version'

complete --command grenadine --condition __fish_use_subcommand --arguments list --description 'Applications, or the snapshots of one'
complete --command grenadine --condition __fish_use_subcommand --arguments status --description 'What runs, and from which snapshot'
complete --command grenadine --condition __fish_use_subcommand --arguments why --description 'Why an application came up the way it did'
complete --command grenadine --condition __fish_use_subcommand --arguments doctor --description 'What stands in the way of snapshots'
complete --command grenadine --condition __fish_use_subcommand --arguments bake --description 'Boot aside, snapshot, prove, publish'
complete --command grenadine --condition __fish_use_subcommand --arguments dump --description 'Snapshot a running application'
complete --command grenadine --condition __fish_use_subcommand --arguments restore --description 'Start from a snapshot'
complete --command grenadine --condition __fish_use_subcommand --arguments remove --description 'Remove a snapshot that is not in use'
complete --command grenadine --condition __fish_use_subcommand --arguments prune --description 'Remove what Keep= and Limit= do not keep'
complete --command grenadine --condition __fish_use_subcommand --arguments verify --description 'Read snapshots once, and set aside what is damaged'
complete --command grenadine --condition __fish_use_subcommand --arguments kill --description 'Send a signal'
complete --command grenadine --condition __fish_use_subcommand --arguments daemon --description 'Run a command as an application'

complete --command grenadine --condition '__fish_seen_subcommand_from list status why doctor bake dump restore remove verify kill; and __grenadine_needs_application' --arguments '(__grenadine_values name)' --description Application
complete --command grenadine --condition '__fish_seen_subcommand_from status' --long-option timings --description 'Phase by phase'
complete --command grenadine --condition '__fish_seen_subcommand_from list status why doctor prune verify' --long-option json --description 'Print JSON'
complete --command grenadine --condition '__fish_seen_subcommand_from doctor' --long-option uniqueness --description 'What two restores give out alike'
complete --command grenadine --condition '__fish_seen_subcommand_from doctor' --long-option path --exclusive --description 'What they are asked'
complete --command grenadine --condition '__fish_seen_subcommand_from prune' --long-option dry-run --description 'Only say what would be removed'
complete --command grenadine --condition '__fish_seen_subcommand_from dump' --long-option stop --description 'Stop the application afterwards'
complete --command grenadine --condition '__fish_seen_subcommand_from restore remove verify; and __grenadine_has_application' --keep-order --arguments '(__grenadine_values number (__grenadine_operands)[1])' --description Snapshot
complete --command grenadine --condition '__fish_seen_subcommand_from restore remove verify' --long-option from --exclusive --arguments '(__grenadine_values id (__grenadine_operands)[1])' --description 'Choose by hash'
complete --command grenadine --condition '__fish_seen_subcommand_from restore' --long-option latest --description 'Go back to what is deployed'
complete --command grenadine --condition '__fish_seen_subcommand_from kill; and __grenadine_has_application' --arguments 'TERM INT HUP QUIT USR1 USR2 CONT KILL' --description Signal
complete --command grenadine --condition '__fish_seen_subcommand_from daemon' --long-option name --exclusive --description 'Name of the application'
complete --command grenadine --condition '__fish_seen_subcommand_from daemon' --long-option listen --exclusive --description 'Address to listen on'
complete --command grenadine --condition '__fish_seen_subcommand_from daemon' --short-option u --long-option user --exclusive --arguments '(__fish_complete_users)' --description 'User, or user:group'
complete --command grenadine --condition '__fish_seen_subcommand_from daemon' --short-option C --long-option directory --exclusive --arguments '(__fish_complete_directories)' --description 'Working directory'
complete --command grenadine --condition '__fish_seen_subcommand_from daemon' --short-option e --long-option env --exclusive --description 'Environment variable'
complete --command grenadine --condition '__fish_seen_subcommand_from daemon' --force-files
