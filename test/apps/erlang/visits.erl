%% Counts visits in a log file, behind the web server of Erlang's own library. It knows nothing of snapshots, nor of systemd.
-module(visits).
-export([start/0, answer/3]).

start() ->
    {ok, _} = application:ensure_all_started(inets),
    {ok, _} = inets:start(httpd, [
        {port, 5066},
        {bind_address, {127, 0, 0, 1}},
        {server_name, "visits"},
        {server_root, "."},
        {document_root, "."},
        {modules, [mod_alias, mod_esi, mod_log]},
        {transfer_log, "transfer.log"},
        {erl_script_alias, {"/erl", [visits]}}
    ]).

answer(Session, _Environment, _Input) ->
    ok = file:write_file("visits.log", "/erl\n", [append]),
    {ok, Log} = file:read_file("visits.log"),
    Visits = integer_to_list(length(binary:matches(Log, <<"\n">>))),
    mod_esi:deliver(Session, ["Content-Type: application/json\r\n\r\n", "{\"visits\": ", Visits, "}"]).
