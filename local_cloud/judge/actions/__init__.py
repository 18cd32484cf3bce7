"""What a call of a service needs: actions, the resources they are on, and what conditions may ask of them."""
