# What every start goes through first. BOOTSNAP=1 turns its cache of compiled files and load paths on, so
# that the benchmark can compare a boot with and without it.
ENV['BUNDLE_GEMFILE'] ||= File.expand_path('../Gemfile', __dir__)

require 'bundler/setup'

if ENV['BOOTSNAP'] == '1'
  require 'bootsnap'
  Bootsnap.setup(
    cache_dir: File.expand_path('../tmp/cache', __dir__),
    development_mode: false,
    load_path_cache: true,
    compile_cache_iseq: true,
    compile_cache_yaml: true
  )
end
