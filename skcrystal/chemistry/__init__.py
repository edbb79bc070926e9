"""What is known of the elements: values with units and sources, oxidation states, free atoms."""
