<?php
// Tells what PHP's generator gives in a process that serves request after request, and is told of restores as
// grenadine-recipes(7) shows.
if (getenv('GRENADINE_SEED')) {
    pcntl_async_signals(true);
    pcntl_signal(SIGUSR2, fn () => mt_srand());
}

$listener = stream_socket_server('tcp://127.0.0.1:5089');
for (;;) {
    $client = @stream_socket_accept($listener, -1);
    if ($client === false)
        continue;
    fread($client, 4096);
    $body = json_encode(['mt_rand' => mt_rand() . '-' . mt_rand(), 'shuffle' => str_shuffle('abcdefghijklmnopqrstuvwxyz')]);
    fwrite($client, sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", strlen($body), $body));
    fclose($client);
}
