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

# A client may send its next request on a kept connection at the very moment at which a stopping puma closes that, and
# go without an answer. So nothing is closed at first: whoever asks is answered, with word that it was the last time,
# until nobody has asked for half a second. New connections are left to whoever listens next.
Puma::Server.prepend(
  Module.new do
    def initialize(...)
      super
      @events.register(:state) { |state| see_off_kept_connections if state == :stop }
    end

    private

    def see_off_kept_connections
      @enable_keep_alives = false
      loop do
        seen = requests_count
        sleep 0.5
        break if requests_count == seen
      end
    end
  end
)
