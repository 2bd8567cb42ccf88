%% Tells what each of Erlang's generators gives at this moment. It knows nothing of snapshots.
-module(generators).
-export([start/0]).

%% One process answers all requests, so that its rand is seeded once.
start() ->
    spawn(fun() ->
        {ok, Listener} = gen_tcp:listen(5085, [binary, {ip, {127, 0, 0, 1}}, {active, false}, {reuseaddr, true}]),
        serve(Listener)
    end).

serve(Listener) ->
    {ok, Connection} = gen_tcp:accept(Listener),
    {ok, _Request} = gen_tcp:recv(Connection, 0),
    Body = [
        "{\"crypto:strong_rand_bytes\": \"", binary:encode_hex(crypto:strong_rand_bytes(16)),
        "\", \"rand\": \"", integer_to_list(rand:uniform(1 bsl 58)),
        "\"}"
    ],
    Head = ["HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ", integer_to_list(iolist_size(Body)), "\r\n\r\n"],
    ok = gen_tcp:send(Connection, [Head, Body]),
    ok = gen_tcp:close(Connection),
    serve(Listener).
