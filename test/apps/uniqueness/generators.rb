# Tells what each of Ruby's generators gives at this moment. It is told of restores as
# grenadine-recipes(7) shows.
require 'json'
require 'openssl'
require 'securerandom'
require 'socket'
require_relative 'reseed'

FIRST_PASSED_FD = 3

def draw
  {
    'OpenSSL::Random' => OpenSSL::Random.random_bytes(16).unpack1('H*'),
    'OpenSSL::Cipher#random_key' => OpenSSL::Cipher.new('aes-256-gcm').encrypt.random_key.unpack1('H*'),
    'SecureRandom' => SecureRandom.hex,
    'rand' => rand(2**64).to_s
  }
end

server = TCPServer.for_fd(FIRST_PASSED_FD)
loop do
  client = server.accept
  client.gets("\r\n\r\n")
  body = JSON.generate(draw)
  client.write("HTTP/1.1 200 OK\r\nContent-Length: #{body.bytesize}\r\nConnection: close\r\n\r\n#{body}")
  client.close
end
