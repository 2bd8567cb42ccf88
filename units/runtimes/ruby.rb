# Every Ruby of an application loads this when it boots cold. Right before a snapshot of it is made the launcher sends
# SIGPWR, and waits until it is ignored. A heap without garbage and without gaps makes a smaller snapshot, and the first
# request after a restore writes to fewer of its pages: each of them is one to be copied, by each process restored.
if RUBY_ENGINE == 'ruby'
  module Grenadine
    # A master of Puma kills the workers that it has not heard of for a minute, and looks at the wall clock for that.
    # This has moved on when a snapshot is restored, but for them it is the moment of the dump: the next words of some of
    # them would come too late. A master that has not looked for a while itself takes it that they are all well.
    module PumaMaster
      private

      def check_workers(*)
        now = Time.now
        late = @grenadine_checked.nil? || now - @grenadine_checked > 2 * (@options[:worker_check_interval] || 5)
        @workers.each { |worker| worker.instance_variable_set(:@last_checkin, now) } if late
        @grenadine_checked = now
        super
      end
    end

    # Puma is loaded when its master forks the first worker.
    module Forks
      def _fork
        Puma::Cluster.prepend(PumaMaster) if defined?(Puma::Cluster)
        super
      end
    end
  end
  Process.singleton_class.prepend(Grenadine::Forks)

  # By this the launcher knows a Ruby that has loaded us, so that no other one is sent what it may not expect. It is
  # SIGSTKFLT, which Ruby knows by its number only, and which nothing sends.
  trap(16, 'IGNORE')

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
