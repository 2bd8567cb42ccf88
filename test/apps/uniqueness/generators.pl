#!/usr/bin/perl
# Tells what Perl's generator gives at this moment, and is told of restores as grenadine-recipes(7) shows.
use strict;
use warnings;
use IO::Socket;

use constant FIRST_PASSED_FD => 3;

$SIG{USR2} = sub { srand } if $ENV{GRENADINE_SEED};

my $listener = IO::Socket->new_from_fd(FIRST_PASSED_FD, 'r') or die $!;
while (my $client = $listener->accept) {
    while (my $line = <$client>) { last if $line eq "\r\n" }
    my $body = sprintf '{"rand": "%.15f"}', rand;
    print $client "HTTP/1.1 200 OK\r\nContent-Length: ", length $body, "\r\nConnection: close\r\n\r\n$body";
    close $client;
}
