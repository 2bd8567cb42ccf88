# Every Ruby of an application loads this when it boots cold. Right before a snapshot of it is made the launcher sends
# SIGPWR, and waits until it is ignored. A heap without garbage and without gaps makes a smaller snapshot, and the first
# request after a restore writes to fewer of its pages: each of them is one to be copied, by each process restored.
if RUBY_ENGINE == 'ruby'
  trap('PWR') do
    # Since Ruby 3.3: collects, compacts and lets everything that is left count as old.
    Process.respond_to?(:warmup) ? Process.warmup : GC.start
  rescue StandardError, ScriptError, NoMemoryError
    # An error here would reach the application, in whatever its main thread was doing.
    nil
  ensure
    trap('PWR', 'IGNORE')
  end
end
