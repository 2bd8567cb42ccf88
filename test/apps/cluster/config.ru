# Says which worker answers; /slow takes its time; /print?TEXT prints.
require 'json'

$stdout.sync = true

run lambda { |env|
  path, query = env.values_at('PATH_INFO', 'QUERY_STRING')
  sleep 0.7 if path == '/slow'
  $stdout.puts query if path == '/print'
  $stderr.puts "#{query} (stderr)" if path == '/print'
  body = JSON.generate('pid' => Process.pid, 'ppid' => Process.ppid)
  [200, { 'content-type' => 'application/json' }, [body]]
}
