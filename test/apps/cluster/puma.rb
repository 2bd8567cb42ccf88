# Two workers; the socket is the one systemd, or a bake, passes.
workers 2
threads 2, 2
environment 'production'
bind_to_activated_sockets 'only'
on_worker_boot { $stdout.puts "worker #{Process.pid} serves" }
