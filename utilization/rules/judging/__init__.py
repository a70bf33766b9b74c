"""From criteria and facts to a judgement: completions, questions and changes; examples and checks of a pack."""
