# The application: everything that `rails new` brings, but no asset pipeline.
require_relative 'boot'

require 'rails/all'

Bundler.require(*Rails.groups)

module Blog
  class Application < Rails::Application
    config.load_defaults 7.2

    # Which deployment this is: every page says so, and a test reads it.
    config.x.revision = Rails.root.join('REVISION').then { |file| file.exist? ? file.read.strip : 'none' }
  end
end
