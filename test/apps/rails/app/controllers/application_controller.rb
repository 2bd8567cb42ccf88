# What all controllers share.
class ApplicationController < ActionController::Base
  before_action { response.set_header('X-Revision', Rails.configuration.x.revision) }
end
