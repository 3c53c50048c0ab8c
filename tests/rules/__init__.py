"""Every rule, by apps that break it and apps that are close to it and legal."""
