# A Ruby program that tells, whenever it is asked, what became of its heap and of its environment. It knows nothing of
# snapshots.
require 'json'
require 'socket'

FIRST_PASSED_FD = 3

# What a Ruby that has another use for it does.
trap('PWR') { @ignored = true } if ARGV.include?('--trap')

def tell
  JSON.generate('compactions' => GC.stat(:compact_count), 'rubyopt' => ENV.fetch('RUBYOPT', ''))
end

server = TCPServer.for_fd(FIRST_PASSED_FD)
loop do
  client = server.accept
  client.gets("\r\n\r\n")
  body = tell
  client.write("HTTP/1.1 200 OK\r\nContent-Length: #{body.bytesize}\r\nConnection: close\r\n\r\n#{body}")
  client.close
end
