# The scaffold of `rails generate scaffold Article title:string body:text`: pages, and JSON of the same.
class ArticlesController < ApplicationController
  # The JSON side has no session that a token could come from.
  protect_from_forgery with: :exception, unless: -> { request.format.json? }

  before_action :set_article, only: %i[show edit update destroy]

  def index
    @articles = Article.order(:id)
    respond_to do |format|
      format.html
      format.json { render json: @articles }
    end
  end

  def show
    respond_to do |format|
      format.html
      format.json { render json: @article }
    end
  end

  def new
    @article = Article.new
  end

  def edit; end

  def create
    @article = Article.new(article_params)
    respond_to do |format|
      if @article.save
        format.html { redirect_to @article, notice: 'Article was successfully created.' }
        format.json { render json: @article, status: :created, location: @article }
      else
        format.html { render :new, status: :unprocessable_entity }
        format.json { render json: @article.errors, status: :unprocessable_entity }
      end
    end
  end

  def update
    respond_to do |format|
      if @article.update(article_params)
        format.html { redirect_to @article, notice: 'Article was successfully updated.', status: :see_other }
        format.json { render json: @article }
      else
        format.html { render :edit, status: :unprocessable_entity }
        format.json { render json: @article.errors, status: :unprocessable_entity }
      end
    end
  end

  def destroy
    @article.destroy!
    respond_to do |format|
      format.html { redirect_to articles_path, notice: 'Article was successfully destroyed.', status: :see_other }
      format.json { head :no_content }
    end
  end

  private

  def set_article
    @article = Article.find(params.require(:id))
  end

  def article_params
    params.require(:article).permit(:title, :body)
  end
end
