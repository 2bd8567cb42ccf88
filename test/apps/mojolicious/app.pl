# Counts visits in a log that it appends to, on a page made from a template. It knows nothing of snapshots, nor of systemd.
use Mojolicious::Lite -signatures;
use Mojo::File qw(path);

my $visits = path($ENV{VISITS});

get '/' => sub ($c) {
  my $log = $visits->open('+>>');
  flock $log, 2;
  seek $log, 0, 0;
  my $before = () = <$log>;
  say $log scalar time;
  close $log;
  $c->render('visits', visits => $before + 1);
};

app->start;
__DATA__

@@ visits.html.ep
% layout 'page';
<p>"visits": <%= $visits %></p>

@@ layouts/page.html.ep
<!DOCTYPE html>
<title>Visits</title>
%= content
