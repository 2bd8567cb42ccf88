# Counts visits in a database. It knows nothing of snapshots, nor of systemd.
require 'json'
require 'sinatra'
require 'sqlite3'

visits = SQLite3::Database.new('visits.sqlite3')
visits.execute('CREATE TABLE IF NOT EXISTS visits (path TEXT, at TEXT)')
lock = Mutex.new

get '/' do
  content_type :json
  lock.synchronize do
    visits.execute("INSERT INTO visits VALUES ('/', datetime('now'))")
    JSON.generate('visits' => visits.get_first_value('SELECT count(*) FROM visits'))
  end
end
