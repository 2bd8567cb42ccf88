# Puma, one process. It listens on whatever systemd, or a bake, passes: an address here would name the
# port of production, and a bake listens elsewhere.
threads 3, 3
environment ENV.fetch('RAILS_ENV', 'production')
bind_to_activated_sockets 'only'

# Puma 6.6 stops the server inside of its handler of SIGTERM. Three times in a hundred Ruby 3.3 then hangs for
# good, under any service manager. The handler of SIGINT stops as gracefully, but from the main thread.
on_booted { Signal.trap('TERM') { Process.kill('INT', Process.pid) } }
