# Not the application's: Puma 6.6 under Ruby 3.3 hangs in four of a hundred stops, under any service manager, and a test
# would wait for its end. See rails/config/puma.rb.
Puma::Server.prepend(
  Module.new do
    def graceful_shutdown
      super
      sleep 0.02
    end
  end
)
