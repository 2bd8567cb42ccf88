# Puma, one process. It listens on whatever systemd, or a bake, passes: an address here would name the
# port of production, and a bake listens elsewhere.
threads 3, 3
environment ENV.fetch('RAILS_ENV', 'production')
bind_to_activated_sockets 'only'

# Puma 6.6 under Ruby 3.3 hangs in four of a hundred stops, under any service manager: IO#close of the server's
# pipe never returns while the threads of the pool are just ending. A moment later it does.
Puma::Server.prepend(
  Module.new do
    def graceful_shutdown
      super
      sleep 0.02
    end
  end
)
