# One scaffolded resource, and the health check that Rails brings.
Rails.application.routes.draw do
  get 'up' => 'rails/health#show', as: :rails_health_check

  resources :articles
  root 'articles#index'
end
