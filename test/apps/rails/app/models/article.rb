# An article of the blog.
class Article < ApplicationRecord
  validates :title, presence: true, length: { maximum: 200 }
  validates :body, presence: true

  def excerpt
    body.truncate(80, separator: ' ')
  end
end
