# Two workers; the socket is the one systemd, or a bake, passes. They are missed soon, for the test's sake.
workers 2
worker_check_interval 1
worker_timeout 3
# Of a restarted or stopped Puma 6 a worker now and then never ends, booted cold or restored.
worker_shutdown_timeout 2
threads 2, 2
environment 'production'
bind_to_activated_sockets 'only'
on_worker_boot { $stdout.puts "worker #{Process.pid} serves" }
