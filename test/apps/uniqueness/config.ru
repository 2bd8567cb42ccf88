# Tells what Ruby's generator gives in a thread of Puma's, and looks for restores as grenadine-recipes(7) shows.
class Reseed
  LOCK = Mutex.new

  def initialize(app) = @app = app

  def call(env)
    LOCK.synchronize do
      now = File.mtime(ENV.fetch('GRENADINE_SEED'))
      Random.srand unless now == @seen
      @seen = now
    end
    @app.call(env)
  end
end

use Reseed if ENV['GRENADINE_SEED']
run ->(_env) { [200, { 'content-type' => 'application/json' }, [%({"rand": "#{rand(2**64)}"})]] }
