# Twenty-five articles; run again, it changes nothing.
subjects = %w[apple basil cedar damson elder fennel ginger hazel iris juniper kale lemon mint nettle olive parsley
              quince rosemary sage thyme umbel violet walnut yarrow zinnia]

subjects.each do |subject|
  Article.find_or_create_by!(title: "On the #{subject}") do |article|
    article.body = "What is known of the #{subject}, and what is only told. " * 4
  end
end
