"""The authors' page: rule packages with their example cases green or red, and two rules beside each other."""
